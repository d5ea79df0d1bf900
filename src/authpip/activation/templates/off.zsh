if [[ " ${precmd_functions[*]-} " == *" _authpip_first "* ]]; then
  precmd_functions=("${(@)precmd_functions:#_authpip_first}")
  (( ${#precmd_functions} )) || unset precmd_functions
  if [[ $_authpip_added == yes ]]; then
    _authpip_without "$PATH"; PATH=$REPLY
    # What deactivate will bring back.
    [[ -z ${_OLD_VIRTUAL_PATH-} ]] || { _authpip_without "$_OLD_VIRTUAL_PATH"; _OLD_VIRTUAL_PATH=$REPLY }
    unset REPLY
  fi
  unset _authpip_shims _authpip_added
  unfunction _authpip_first _authpip_without
fi
