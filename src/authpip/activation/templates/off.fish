if functions -q _authpip_first
    functions -e _authpip_first
    if test "$_authpip_added" = yes
        set -gx PATH (_authpip_without $PATH)
        # What deactivate will bring back.
        set -q _OLD_VIRTUAL_PATH; and set -gx _OLD_VIRTUAL_PATH (_authpip_without $_OLD_VIRTUAL_PATH)
    end
    functions -e _authpip_without
    set -e _authpip_shims _authpip_added
end
