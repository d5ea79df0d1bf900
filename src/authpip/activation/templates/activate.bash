# authpip-shim 1: keeps authpip's pip first on PATH. `eval "$(authpip auth activate bash --off)"` undoes it.
_authpip_shims=@DIRECTORY@
# REPLY: the PATH $1 without the entries that are the directory of the shims, by whatever name.
_authpip_without() {
  local entry rest=$1: kept=
  while [[ -n $rest ]]; do
    entry=${rest%%:*} rest=${rest#*:}
    [[ $entry == "$_authpip_shims" || $entry -ef $_authpip_shims ]] || kept+=:$entry
  done
  REPLY=${kept#:}
}
_authpip_first() {
  local status=$? REPLY
  if [[ $PATH: != "$_authpip_shims":* && -d $_authpip_shims ]]; then
    _authpip_without "$PATH"
    PATH=$_authpip_shims${REPLY:+:$REPLY}
  fi
  return $status
}
if [[ ${PROMPT_COMMAND[*]-} != *_authpip_first* ]]; then
  _authpip_without "$PATH"
  [[ $REPLY == "$PATH" ]] && _authpip_added=yes || _authpip_added=no
  if [[ $(declare -p PROMPT_COMMAND 2>/dev/null) == 'declare -a'* ]]; then
    PROMPT_COMMAND+=(_authpip_first)
  else
    PROMPT_COMMAND+=${PROMPT_COMMAND:+$'\n'}_authpip_first
  fi
  unset REPLY
fi
_authpip_first
