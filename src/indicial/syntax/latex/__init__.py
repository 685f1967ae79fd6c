"""LaTeX as it stands in papers, written anew in index notation before the grammar reads it."""
