#!/bin/bash
# After electron-builder's own template (templates/linux/after-install.tpl), which this replaces; the command line is added.

ln -sf '/opt/${sanitizedProductName}/${executable}' '/usr/bin/${executable}'
ln -sf '/opt/${sanitizedProductName}/resources/bin/portkeeper' '/usr/bin/portkeeper'

if ! { [[ -L /proc/self/ns/user ]] && unshare --user true; }; then
    # Without user namespaces, Chromium's sandbox needs a helper that runs as root.
    chmod 4755 '/opt/${sanitizedProductName}/chrome-sandbox' || true
else
    chmod 0755 '/opt/${sanitizedProductName}/chrome-sandbox' || true
fi

if hash update-desktop-database 2>/dev/null; then
    update-desktop-database /usr/share/applications || true
fi

# Ubuntu 24 forbids user namespaces to programs without a profile; older AppArmor does not understand it and needs none.
if apparmor_status --enabled > /dev/null 2>&1; then
    profile='/opt/${sanitizedProductName}/resources/apparmor-profile'
    target='/etc/apparmor.d/${executable}'
    if apparmor_parser --skip-kernel-load --debug "$profile" > /dev/null 2>&1; then
        cp -f "$profile" "$target"
        if ! { [ -x /usr/bin/ischroot ] && /usr/bin/ischroot; } && hash apparmor_parser 2>/dev/null; then
            apparmor_parser --replace --write-cache --skip-read-cache "$target"
        fi
    fi
fi
