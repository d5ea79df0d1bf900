_authpip_completion() {
    local IFS=$' \t\n' word=${COMP_WORDS[COMP_CWORD]} words=
    if [ "$COMP_CWORD" -eq 1 ] || [ "${COMP_WORDS[1]}" != auth ]; then
        words=$(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD PIP_AUTO_COMPLETE=1 authpip 2>/dev/null)
        [ "$COMP_CWORD" -ne 1 ] || words="auth $words"
    elif [ "$COMP_CWORD" -eq 2 ]; then
        words='@COMMANDS@'
    else
        case ${COMP_WORDS[2]} in
@CASES@
        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _authpip_completion authpip
