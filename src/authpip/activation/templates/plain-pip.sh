case ${1-} in
  '' | -V | --version | -h | --help | help | show | freeze | check | config | cache | hash | completion | inspect | debug)
    _authpip_plain=yes ;;
  list | uninstall) # list --outdated asks an index, uninstall -r may read a remote file
    case "${PIP_OUTDATED+ -o}${PIP_UPTODATE+ -o} $* " in *" -o"* | *" -u"* | *" -r"* | *" --o"* | *" --u"* | *" --r"* | *" -"[!-]*[oru]*) ;; *) _authpip_plain=yes ;; esac ;;
esac
