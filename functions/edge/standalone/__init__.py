"""Everything on one port: all edges, the dashboard, the API's document, and the banner at the start."""
