set -eu
if [ -d '/etc/it'\''s $(id)' ] && [ ! -L '/etc/it'\''s $(id)' ]; then
  echo 'a directory stands at' '/etc/it'\''s $(id)' >&2
  exit 1
fi
exec 9</etc
if ! flock -w 60 9; then
  echo 'another program of gw is at work in' /etc >&2
  exit 75
fi
rm -f -- '/etc/.it'\''s $(id).gw-staged'
trap 'rm -f -- '\''/etc/.it'\''\'\'''\''s $(id).gw-staged'\''' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
(umask 077 && set -C && cat >'/etc/.it'\''s $(id).gw-staged')
sum=$(sha256sum <'/etc/.it'\''s $(id).gw-staged')
if [ "${sum%% *}" != 157da492e6df636b2cf57ec702b45f2545dfc5365293109f4a5361627221138c ]; then
  echo 'the content of' '/etc/it'\''s $(id)' 'did not arrive whole; nothing was changed' >&2
  exit 74
fi
chown --no-dereference -- root:root '/etc/.it'\''s $(id).gw-staged'
chmod -- 0644 '/etc/.it'\''s $(id).gw-staged'
sync -- '/etc/.it'\''s $(id).gw-staged'
mv -T -- '/etc/.it'\''s $(id).gw-staged' '/etc/it'\''s $(id)'
sync -- /etc
