rm -f -- /etc/nginx/nginx.conf
