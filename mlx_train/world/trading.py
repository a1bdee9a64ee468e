"""A small trading account: cash, holdings, limit orders and a watch list, over a market with fixed prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from mlx_train.world.base import ToolError, World, copied, tool


class TradingWorld(World):
    """One account.

    State: `cash`, `prices` and `holdings` by stock, `watch_list` (stock to alert), `limit_orders`, `next_order`.
    """

    domain: ClassVar[str] = "trading"

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.cash: float = state["cash"]
        self.prices: dict[str, float] = dict(state["prices"])
        self.holdings: dict[str, int] = dict(state["holdings"])
        self.watch_list: dict[str, bool] = dict(state["watch_list"])
        self.limit_orders: list[dict[str, Any]] = copied(list(state["limit_orders"]))
        self.next_order: int = state["next_order"]

    def state(self) -> dict[str, Any]:
        return copied(self.__dict__)

    def _price(self, stock: str) -> float:
        if stock not in self.prices:
            raise ToolError(f"no stock '{stock}'")
        return self.prices[stock]

    @tool
    def get_stock_price(self, stock: str) -> dict[str, Any]:
        """Get the price of one share of a stock."""
        return {"price": self._price(stock)}

    @tool
    def show_portfolio(self) -> dict[str, Any]:
        """Show the cash, the shares held of each stock and the watch list."""
        return {"cash": self.cash, "shares": self.holdings, "watch_list": list(self.watch_list)}

    @tool
    def buy_shares(self, stock: str, shares: int) -> dict[str, Any]:
        """Buy shares of a stock now, at its price."""
        cost = self._price(stock) * _positive(shares, "shares")
        if cost > self.cash:
            raise ToolError(f"not enough cash: {shares} shares cost {cost}, cash is {self.cash}")
        self.cash -= cost
        self.holdings[stock] = self.holdings.get(stock, 0) + shares
        return {"bought": shares, "cost": cost, "cash": self.cash}

    @tool
    def sell_shares(self, stock: str, shares: int) -> dict[str, Any]:
        """Sell shares of a stock now, at its price."""
        worth = self._price(stock) * _positive(shares, "shares")
        held = self.holdings.get(stock, 0)
        if shares > held:
            raise ToolError(f"not enough shares: {held} of '{stock}' held")
        self.cash += worth
        self.holdings[stock] = held - shares
        if not self.holdings[stock]:
            del self.holdings[stock]
        return {"sold": shares, "cash": self.cash}

    @tool
    def place_limit_order(
        self,
        side: Literal["buy", "sell"],
        stock: str,
        shares: int,
        limit_price: Annotated[float, "price of one share at which to buy or sell"],
    ) -> dict[str, Any]:
        """Place an order that waits until the stock reaches a limit price."""
        self._price(stock)
        _positive(shares, "shares")
        _positive(limit_price, "limit_price")
        order = self.next_order
        self.next_order += 1
        self.limit_orders.append(
            {"order_id": order, "side": side, "stock": stock, "shares": shares, "limit_price": limit_price}
        )
        return {"order_id": order}

    @tool
    def show_limit_orders(self) -> dict[str, Any]:
        """Show the limit orders that are waiting."""
        return {"limit_orders": self.limit_orders}

    @tool
    def cancel_limit_order(self, order_id: int) -> dict[str, Any]:
        """Cancel a waiting limit order."""
        kept = [order for order in self.limit_orders if order["order_id"] != order_id]
        if len(kept) == len(self.limit_orders):
            raise ToolError(f"no limit order {order_id}")
        self.limit_orders = kept
        return {"cancelled": order_id}

    @tool
    def watch_stocks(
        self, stocks: list[str], alert: Annotated[bool, "send an alert when the price moves"] = False
    ) -> dict[str, Any]:
        """Put stocks on the watch list."""
        for stock in stocks:
            self._price(stock)
            if stock in self.watch_list:
                raise ToolError(f"'{stock}' is on the watch list already")
            self.watch_list[stock] = alert
        return {"watch_list": list(self.watch_list)}


def _positive(value: float, name: str) -> float:
    if value <= 0:
        raise ToolError(f"{name} must be more than 0")
    return value
