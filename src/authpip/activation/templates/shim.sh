#!/bin/sh
# authpip-shim 1: pip, with credentials. `authpip auth shim remove` takes it away; AUTHPIP_DISABLE=1 passes it by.
_authpip_python=@PYTHON@
_authpip_entry=@ENTRY@
_authpip_name=${0##*/}

# A layer such as pyenv may come back to this shim: it keeps our process id, or is our parent. Then pass it by; what it
# runs was judged before.
case ${_AUTHPIP_LAYER-} in
  "$$ "* | "$PPID "*) _authpip_skip=${_AUTHPIP_LAYER#* } ;;
  *) _authpip_skip= ;;
esac
unset _AUTHPIP_LAYER

# The first command of this name on PATH that is not a shim of ours: what the name means without us.
_authpip_real=
_authpip_ifs=$IFS
IFS=:
set -f
for _authpip_dir in $PATH; do
  _authpip_file=${_authpip_dir:-.}/$_authpip_name
  [ -f "$_authpip_file" ] && [ -x "$_authpip_file" ] || continue
  _authpip_first= _authpip_second=
  { read -r _authpip_first; read -r _authpip_second; } 2>/dev/null <"$_authpip_file"
  case $_authpip_second in '# authpip-shim '*) continue ;; esac
  case ":$_authpip_skip:" in *":$_authpip_file:"*) continue ;; esac
  _authpip_real=$_authpip_file
  break
done
set +f
IFS=$_authpip_ifs

_authpip_plain=no
[ "${AUTHPIP_DISABLE-}" = 1 ] || [ -n "$_authpip_skip" ] && _authpip_plain=yes
@PLAIN@
if [ $_authpip_plain = no ] && [ -x "$_authpip_python" ]; then
  [ -f "$_authpip_entry" ] && exec "$_authpip_python" -I "$_authpip_entry" @KIND@ "$_authpip_name" "$@"
  # The Python below authpip was upgraded: lib/python3.N has another name now.
  for _authpip_entry in "${_authpip_python%/bin/*}"/lib*/python3*/site-packages/authpip/__main__.py; do
    [ -f "$_authpip_entry" ] && exec "$_authpip_python" -I "$_authpip_entry" @KIND@ "$_authpip_name" "$@"
  done
fi
if [ $_authpip_plain = no ]; then
  echo "authpip: it is no longer at ${_authpip_python%/bin/*}, so $_authpip_name runs without authpip:" \
    "indexes that need a credential will refuse, and rules that say \`always\` are not applied; install authpip and run" \
    "\`authpip auth shim install\` again, or remove the shims:" \
    "grep -l --null authpip-shim \"${0%/*}\"/* | xargs -0 rm" >&2
fi
if [ -z "$_authpip_real" ]; then
  echo "authpip: there is no $_authpip_name behind the shim $0: looked in PATH $PATH;" \
    @REMEDY@ >&2
  exit 127
fi
case $_authpip_first$_authpip_second in
  '#!'*python* | '#!'*pypy* | "#!/bin/sh'''exec'"*) ;;
  *) export _AUTHPIP_LAYER="$$ ${_authpip_skip:+$_authpip_skip:}$_authpip_real" ;;
esac
exec "$_authpip_real" "$@"
