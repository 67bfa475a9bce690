"""Words → place: the register's names (``gazetteer``), what stands beside a name (``phrases``), points on the
map that follow from it (``spots``). ``understanding.placing`` puts them together."""
