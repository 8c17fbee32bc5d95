"""Is it as it ought to be: waivers and the gate; the only wing that sees facts and standards."""
