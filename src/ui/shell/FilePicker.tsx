import { useApp } from "../app.ts";
import { bringFiles } from "../inputs.ts";

/** Id of the page's one file input; buttons that choose files click it. */
export const FILE_PICKER = "file-picker";

export function FilePicker() {
  const app = useApp();
  return (
    <input
      id={FILE_PICKER}
      type="file"
      multiple
      hidden
      onChange={(event) => {
        const files = [...(event.currentTarget.files ?? [])];
        // The same file may be chosen again.
        event.currentTarget.value = "";
        void bringFiles(app, files);
      }}
    />
  );
}
