; What is left when Portkeeper goes: open ports are closed, and nothing starts at login any more. An update is no farewell.
!macro customUnInstall
  ${ifNot} ${isUpdated}
    ExecWait '"$SYSDIR\cmd.exe" /d /c ""$INSTDIR\resources\bin\portkeeper.cmd" close --all"'
    DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "Portkeeper"
  ${endIf}
!macroend
