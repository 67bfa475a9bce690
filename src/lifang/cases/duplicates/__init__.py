"""Reports of one matter: how likely two are (``score``), where the candidates are (``search``), and from where
on the machine merges without a person (``bound``)."""
