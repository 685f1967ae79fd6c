"""The command line: `indicial derive`, `indicial eval`, `indicial check`."""
