"""The web application of 银龄; this package stays free of imports so that its pure parts load alone."""
