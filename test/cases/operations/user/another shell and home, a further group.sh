usermod --shell /bin/bash --home /srv/gwprobe --append --groups ssl-cert -- gwprobe
