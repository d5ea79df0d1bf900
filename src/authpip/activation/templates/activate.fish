# authpip-shim 1: keeps authpip's pip first on PATH. `authpip auth activate fish --off | source` undoes it.
set -g _authpip_shims @DIRECTORY@
# The entries given, without those that are the directory of the shims, by whatever name.
function _authpip_without
    set -l shims (builtin realpath -- $_authpip_shims 2>/dev/null)
    for entry in $argv
        test "$entry" = "$_authpip_shims"; and continue
        test -n "$shims" -a "$(builtin realpath -- $entry 2>/dev/null)" = "$shims"; and continue
        printf '%s\n' $entry
    end
end
if not functions -q _authpip_first
    set -g _authpip_added yes
    test (count (_authpip_without $PATH)) -eq (count $PATH); or set -g _authpip_added no
end
function _authpip_first --on-variable PATH
    if test "$PATH[1]" != "$_authpip_shims" -a -d "$_authpip_shims"
        set -gx PATH $_authpip_shims (_authpip_without $PATH)
    end
end
_authpip_first
