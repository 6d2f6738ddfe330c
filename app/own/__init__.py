"""What a person sees of their own: a cadre's file, contact and services; a clerk's owed records."""
