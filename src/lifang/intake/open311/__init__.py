"""Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2): a server for other civic software, and a client."""
