"""Where training runs beside this machine: engines that operators set, and what each needs."""
