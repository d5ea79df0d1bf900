# authpip-shim 1: keeps authpip's pip first on PATH. `eval "$(authpip auth activate zsh --off)"` undoes it.
typeset -g _authpip_shims=@DIRECTORY@
# REPLY: the PATH $1 without the entries that are the directory of the shims, by whatever name.
_authpip_without() {
  emulate -L zsh
  local entry kept= rest=$1:
  while [[ -n $rest ]]; do
    entry=${rest%%:*} rest=${rest#*:}
    [[ $entry == "$_authpip_shims" || $entry -ef $_authpip_shims ]] || kept+=:$entry
  done
  REPLY=${kept#:}
}
_authpip_first() {
  local REPLY
  if [[ $PATH: != "$_authpip_shims":* && -d $_authpip_shims ]]; then
    _authpip_without "$PATH"
    PATH=$_authpip_shims${REPLY:+:$REPLY}
  fi
}
if [[ " ${precmd_functions[*]-} " != *" _authpip_first "* ]]; then
  _authpip_without "$PATH"
  [[ $REPLY == "$PATH" ]] && typeset -g _authpip_added=yes || typeset -g _authpip_added=no
  typeset -ga precmd_functions
  precmd_functions+=(_authpip_first)
  unset REPLY
fi
_authpip_first
