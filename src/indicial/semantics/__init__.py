"""From the syntax tree to a resolved program: scopes, the summation rule, names and extents."""
