const editTools = new Set(
  'edit multiedit write notebookedit applypatch strreplace strreplaceeditor strreplacebasededittool searchreplace writefile createfile editfile replace replacefile replaceinfile writetofile insertedit inserteditintofile fswrite filewrite fileedit hashlineedit patch'.split(
    ' ',
  ),
)

/** Whether a tool changes files, by the name that any agent calls it: `Edit`, `apply_patch`, `mcp__fs__write_file`. */
export function isEditTool(tool: string): boolean {
  const name =
    tool
      .slice(-120)
      .split(/__|[./:]/)
      .at(-1) ?? ''
  return editTools.has(name.replace(/[\s_-]/g, '').toLowerCase())
}
