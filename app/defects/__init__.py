"""单位缺项: what is missing in the units below, each kind one statement over indexes."""
