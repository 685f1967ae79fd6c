"""Matrix notation: its syntax tree, how it is made, and what is wrong with a text that it refuses."""
