"""Derivations for a reader: expressions in which derivatives are pending, reasons, and pages of them."""
