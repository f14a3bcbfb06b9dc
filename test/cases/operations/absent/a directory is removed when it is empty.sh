rmdir -- /etc/nginx/gw
