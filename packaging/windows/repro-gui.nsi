; The installer for Windows, for one person without rights or for everybody with them. Compiled by `build.ps1` or by
;   makensis -DVERSION=0.1.0 -DPROGRAM=dist/repro-gui -DOUTPUT=dist/repro-gui-0.1.0-windows.exe [-DICON=…] repro-gui.nsi
; Silent:  setup.exe /S [/AllUsers | /CurrentUser] [/D=FOLDER]     (/D last and without quotation marks)
; Removal: Uninstall.exe /S
Unicode true
Target amd64-unicode
SetCompressor /SOLID lzma
ManifestDPIAware true
ManifestSupportedOS all

!define NAME "Repro GUI"
!define KEY "repro-gui"
!ifndef VERSION
  !error "say -DVERSION="
!endif
!ifndef PROGRAM
  !error "say -DPROGRAM="
!endif
!ifndef OUTPUT
  !define OUTPUT "repro-gui-${VERSION}-windows.exe"
!endif
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${KEY}"

Name "${NAME} ${VERSION}"
OutFile "${OUTPUT}"
BrandingText " "
; Elevated only when the person chooses everybody.
!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_INSTALLMODE_DEFAULT_CURRENTUSER
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_MUI
!define MULTIUSER_USE_PROGRAMFILES64
!define MULTIUSER_INSTALLMODE_INSTDIR "${NAME}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "${UNINSTALL}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "InstallLocation"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "${UNINSTALL}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "InstallMode"
!include MultiUser.nsh
!include MUI2.nsh
!include FileFunc.nsh
!include WinVer.nsh

!ifdef ICON
  !define MUI_ICON "${ICON}"
  !define MUI_UNICON "${ICON}"
!endif
!define MUI_FINISHPAGE_RUN "$INSTDIR\Repro GUI.exe"
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"

LangString OPEN_WITH ${LANG_ENGLISH} "Open with Repro GUI"
LangString OPEN_WITH ${LANG_GERMAN} "Mit Repro GUI öffnen"
LangString RUNNING ${LANG_ENGLISH} "Repro GUI is running. Close its windows, then try again."
LangString RUNNING ${LANG_GERMAN} "Repro GUI läuft. Bitte die Fenster schließen und noch einmal versuchen."
LangString OLD_SYSTEM ${LANG_ENGLISH} "Repro GUI needs 64-bit Windows 10 or newer."
LangString OLD_SYSTEM ${LANG_GERMAN} "Repro GUI braucht Windows 10 oder neuer mit 64 Bit."

VIProductVersion "${VERSION}.0"
VIAddVersionKey /LANG=${LANG_ENGLISH} "ProductName" "${NAME}"
VIAddVersionKey /LANG=${LANG_ENGLISH} "FileDescription" "Installer of ${NAME}"
VIAddVersionKey /LANG=${LANG_ENGLISH} "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=${LANG_ENGLISH} "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=${LANG_ENGLISH} "LegalCopyright" "The Repro GUI authors, MIT licence"

Function .onInit
  ; A 32-bit Windows cannot even start this program of 64 bits.
  ${IfNot} ${AtLeastWin10}
    MessageBox MB_ICONSTOP|MB_OK "$(OLD_SYSTEM)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  SetRegView 64
  !insertmacro MULTIUSER_INIT
FunctionEnd

Function un.onInit
  SetRegView 64
  !insertmacro MULTIUSER_UNINIT
FunctionEnd

; A program that runs cannot be renamed over: asked before anything is changed.
!macro STOP_IF_RUNNING
  ${If} ${FileExists} "$INSTDIR\repro-gui.exe"
    ClearErrors
    FileOpen $0 "$INSTDIR\repro-gui.exe" a
    FileOpen $1 "$INSTDIR\Repro GUI.exe" a
    ${If} ${Errors}
      MessageBox MB_ICONEXCLAMATION|MB_OK "$(RUNNING)" /SD IDOK
      SetErrorLevel 3
      Abort
    ${EndIf}
    FileClose $0
    FileClose $1
  ${EndIf}
!macroend

; Only what the older version brought: the folder may hold somebody else's files.
!macro REMOVE_PROGRAM
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\repro-gui.exe"
  Delete "$INSTDIR\Repro GUI.exe"
!macroend

Section "${NAME}"
  !insertmacro STOP_IF_RUNNING
  ; An upgrade in place; settings and history lie in the person's own folders.
  !insertmacro REMOVE_PROGRAM
  SetOutPath "$INSTDIR"
  File /r "${PROGRAM}/*"
  WriteUninstaller "$INSTDIR\Uninstall.exe"

  CreateShortCut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\Repro GUI.exe" "" "$INSTDIR\Repro GUI.exe" 0

  ; "Open with Repro GUI" on a folder and on the empty part of its window.
  WriteRegStr SHCTX "Software\Classes\Directory\shell\${KEY}" "" "$(OPEN_WITH)"
  WriteRegStr SHCTX "Software\Classes\Directory\shell\${KEY}" "Icon" "$INSTDIR\Repro GUI.exe"
  WriteRegStr SHCTX "Software\Classes\Directory\shell\${KEY}\command" "" '"$INSTDIR\Repro GUI.exe" open "%1"'
  WriteRegStr SHCTX "Software\Classes\Directory\Background\shell\${KEY}" "" "$(OPEN_WITH)"
  WriteRegStr SHCTX "Software\Classes\Directory\Background\shell\${KEY}" "Icon" "$INSTDIR\Repro GUI.exe"
  WriteRegStr SHCTX "Software\Classes\Directory\Background\shell\${KEY}\command" "" '"$INSTDIR\Repro GUI.exe" open "%V"'

  ; `repro-gui` in a terminal, without a change of the search path.
  WriteRegStr SHCTX "Software\Microsoft\Windows\CurrentVersion\App Paths\repro-gui.exe" "" "$INSTDIR\repro-gui.exe"

  WriteRegStr SHCTX "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayIcon" "$INSTDIR\Repro GUI.exe"
  WriteRegStr SHCTX "${UNINSTALL}" "Publisher" "The Repro GUI authors"
  WriteRegStr SHCTX "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL}" "InstallMode" "$MultiUser.InstallMode"
  WriteRegStr SHCTX "${UNINSTALL}" "UninstallString" '"$INSTDIR\Uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr SHCTX "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\Uninstall.exe" /$MultiUser.InstallMode /S'
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD SHCTX "${UNINSTALL}" "EstimatedSize" "$0"
  ${RefreshShellIcons}
SectionEnd

Section "Uninstall"
  !insertmacro STOP_IF_RUNNING
  !insertmacro REMOVE_PROGRAM
  Delete "$INSTDIR\Uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey SHCTX "Software\Classes\Directory\shell\${KEY}"
  DeleteRegKey SHCTX "Software\Classes\Directory\Background\shell\${KEY}"
  DeleteRegKey SHCTX "Software\Microsoft\Windows\CurrentVersion\App Paths\repro-gui.exe"
  DeleteRegKey SHCTX "${UNINSTALL}"
SectionEnd
