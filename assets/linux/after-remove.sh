#!/bin/bash
# After electron-builder's own template (templates/linux/after-remove.tpl), which this replaces.
# An update removes the old version after the new one is there: dpkg says `upgrade`, rpm says how many are left.
case "$1" in
    upgrade | 1) exit 0 ;;
esac

for link in '/usr/bin/${executable}' '/usr/bin/portkeeper'; do
    case "$(readlink "$link")" in
        '/opt/${sanitizedProductName}/'*) rm -f "$link" ;;
    esac
done

profile='/etc/apparmor.d/${executable}'
if [ -f "$profile" ]; then
    if apparmor_status --enabled > /dev/null 2>&1; then
        if ! { [ -x /usr/bin/ischroot ] && /usr/bin/ischroot; } && hash apparmor_parser 2>/dev/null; then
            apparmor_parser --remove "$profile" || true
        fi
    fi
    rm -f "$profile"
fi
