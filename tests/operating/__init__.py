"""What an operator does to a registry: stopping, permissions, backups, upgrades, full disks. Not what its users do."""
