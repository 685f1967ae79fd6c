"""From matrix notation to index notation: words, names, shapes, definitions."""
