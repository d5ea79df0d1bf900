case " $* " in *" get "*) ;; *) _authpip_plain=yes ;; esac
