"""Many shots of one lens: from shots to groups, statistics, the estimated setting, advice."""
