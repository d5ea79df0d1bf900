if [[ ${PROMPT_COMMAND[*]-} == *_authpip_first* ]]; then
  if [[ $(declare -p PROMPT_COMMAND) == 'declare -a'* ]]; then
    for _authpip_place in "${!PROMPT_COMMAND[@]}"; do
      [[ ${PROMPT_COMMAND[_authpip_place]} != _authpip_first ]] || unset "PROMPT_COMMAND[_authpip_place]"
    done
    unset _authpip_place
  else
    PROMPT_COMMAND=${PROMPT_COMMAND/$'\n'_authpip_first/}
    PROMPT_COMMAND=${PROMPT_COMMAND/_authpip_first/}
  fi
  [[ -n ${PROMPT_COMMAND[*]-} ]] || unset PROMPT_COMMAND
  if [[ $_authpip_added == yes ]]; then
    _authpip_without "$PATH" && PATH=$REPLY
    # What deactivate will bring back.
    [[ -z ${_OLD_VIRTUAL_PATH-} ]] || { _authpip_without "$_OLD_VIRTUAL_PATH" && _OLD_VIRTUAL_PATH=$REPLY; }
    unset REPLY
  fi
  unset -v _authpip_shims _authpip_added
  unset -f _authpip_first _authpip_without
fi
