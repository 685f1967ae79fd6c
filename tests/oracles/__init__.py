"""Independent ways to the same number, and programs to try them on."""
