"""Fine-tune small specialists on Apple silicon, and prove what the training cost elsewhere."""

__version__ = "0.1.0"
