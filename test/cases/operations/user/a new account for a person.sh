set -eu
if getent group anna >/dev/null; then
  useradd --create-home --shell /bin/bash --home-dir '/srv/it'\''s' --gid anna -- anna
else
  useradd --create-home --shell /bin/bash --home-dir '/srv/it'\''s' --user-group -- anna
fi
