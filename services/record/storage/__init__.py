"""Tables, connections and transactions."""
