"""A shop's desk: products with a price and a stock, and the orders of its customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from mlx_train.world.base import ToolError, World, copied, tool

Status = Literal["open", "shipped", "cancelled"]
Carrier = Literal["truck", "bike", "plane"]


class Orders(World):
    """State: `products` (name: price, stock), `orders` (number: customer, product, quantity, express, status, carrier)
    and `next`, the digits of the next order number. An order takes its quantity out of the stock when it is placed.
    """

    domain = "orders"

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.products: dict[str, dict[str, Any]] = copied(state["products"])
        self.orders: dict[str, dict[str, Any]] = copied(state["orders"])
        self.next: int = state["next"]

    def state(self) -> dict[str, Any]:
        return copied({"products": self.products, "orders": self.orders, "next": self.next})

    def _product(self, name: str) -> dict[str, Any]:
        if name not in self.products:
            raise ToolError(f"no product '{name}'")
        return self.products[name]

    def _open_order(self, number: str) -> dict[str, Any]:
        if number not in self.orders:
            raise ToolError(f"no order '{number}'")
        order = self.orders[number]
        if order["status"] != "open":
            raise ToolError(f"order {number} is {order['status']}")
        return order

    def _take(self, product: str, quantity: int) -> None:
        """Move a quantity out of the stock, or back into it when negative."""
        kept = self._product(product)
        if quantity > kept["stock"]:
            raise ToolError(f"only {kept['stock']} {product} in stock")
        kept["stock"] -= quantity

    @tool
    def list_products(self, max_price: Annotated[float | None, "highest price"] = None) -> dict[str, Any]:
        """List the products with their prices."""
        return {
            "products": [
                {"product": name, "price": product["price"]}
                for name, product in self.products.items()
                if max_price is None or product["price"] <= max_price
            ]
        }

    @tool
    def check_product(self, product: str) -> dict[str, Any]:
        """Show the price and the stock of a product."""
        found = self._product(product)
        return {"price": found["price"], "stock": found["stock"]}

    @tool
    def restock_product(self, product: str, quantity: Annotated[int, "how many arrive"]) -> dict[str, Any]:
        """Add to the stock of a product."""
        found = self._product(product)
        _positive(quantity)
        found["stock"] += quantity
        return {"stock": found["stock"]}

    @tool
    def place_shop_order(self, customer: str, product: str, quantity: int, express: bool = False) -> dict[str, Any]:
        """Order a product for a customer."""
        _positive(quantity)
        self._take(product, quantity)
        while f"O-{self.next}" in self.orders:
            self.next += 1
        number = f"O-{self.next}"
        self.next += 1
        self.orders[number] = {
            "customer": customer,
            "product": product,
            "quantity": quantity,
            "express": express,
            "status": "open",
        }
        return {"order": number, "total": self.products[product]["price"] * quantity}

    @tool
    def find_shop_orders(self, customer: str, status: Status | None = None) -> dict[str, Any]:
        """Find the orders of a customer."""
        return {
            "orders": [
                {"order": number, "product": order["product"], "quantity": order["quantity"], "status": order["status"]}
                for number, order in self.orders.items()
                if order["customer"] == customer and status in (None, order["status"])
            ]
        }

    @tool
    def change_shop_order(self, order: str, quantity: Annotated[int, "new quantity"]) -> dict[str, Any]:
        """Change the quantity of an open order."""
        found = self._open_order(order)
        _positive(quantity)
        self._take(found["product"], quantity - found["quantity"])
        found["quantity"] = quantity
        return {"order": order, "quantity": quantity}

    @tool
    def cancel_shop_order(self, order: str) -> dict[str, Any]:
        """Cancel an open order."""
        found = self._open_order(order)
        self._take(found["product"], -found["quantity"])
        found["status"] = "cancelled"
        return {"cancelled": order}

    @tool
    def ship_shop_orders(self, orders: list[str], carrier: Carrier) -> dict[str, Any]:
        """Ship open orders."""
        if not orders:
            raise ToolError("no orders given")
        for number in orders:
            self._open_order(number).update(status="shipped", carrier=carrier)
        return {"shipped": orders}


def _positive(quantity: int) -> None:
    if quantity < 1:
        raise ToolError("quantity must be at least 1")
