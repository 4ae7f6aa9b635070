import { t } from "@lingui/core/macro";
import { Button, Menu } from "@mantine/core";
import { ChevronDownIcon, DownloadIcon } from "lucide-react";
import { notifyProblem } from "@/kit/notify";
import { saveFile } from "@/kit/saveFile";
import { useOnce } from "./useOnce";

const FORMATS = [
  { format: "csv", label: t`CSV, for spreadsheets` },
  { format: "json", label: t`JSON` },
  { format: "jsonl", label: t`JSON lines` },
] as const;

export type Format = (typeof FORMATS)[number]["format"];

interface Props {
  /** What the file is called, before the day and its ending. */
  name: string;
  /** All of the list in a format. */
  read: (format: Format) => Promise<unknown>;
  /** Of which list, where that is not plain. */
  label?: string;
  /** How large its button is. */
  size?: "xs" | "sm";
}

/** A list as a file: all of it, and not the page that is shown. */
export function ExportMenu({ name, read, label: list, size = "sm" }: Props) {
  const download = useOnce({
    mutationFn: async (format: Format) => {
      const file = (await read(format)) as Blob;
      saveFile(file, `farebox-${name}-${new Date().toISOString().slice(0, 10)}.${format}`);
    },
    onError: (error) => notifyProblem(error, t`The export was not made`),
  });
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button
          variant="default"
          size={size}
          loading={download.isPending}
          leftSection={<DownloadIcon size={15} aria-hidden />}
          rightSection={<ChevronDownIcon size={14} aria-hidden />}
        >
          {t`Export`}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {list !== undefined && <Menu.Label>{list}</Menu.Label>}
        {FORMATS.map(({ format, label }) => (
          <Menu.Item key={format} onClick={() => download.mutate(format)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
