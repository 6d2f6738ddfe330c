"""意见建议 (Art. 17): what a cadre writes, seen by the unit that serves him and above."""
