"""Programs and derivatives as functions in Python: one text to paste, which needs the array library only."""
