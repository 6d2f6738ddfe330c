"""How a message leaves the house: providers behind one small interface, tried in the order of the setting."""
