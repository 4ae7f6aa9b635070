import { t } from "@lingui/core/macro";
import { Button, Menu } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { ChevronDownIcon, DownloadIcon } from "lucide-react";
import { api, unwrap } from "@/api/client";
import type { RequestFilter } from "@/data/usage";
import { notifyProblem } from "@/kit/notify";
import { saveFile } from "@/kit/saveFile";

const FORMATS = [
  { format: "csv", label: t`CSV, for spreadsheets` },
  { format: "json", label: t`JSON` },
  { format: "jsonl", label: t`JSON lines` },
] as const;

/** The requests of a filter as a file, all of them and not the page that is shown. */
export function ExportMenu({ filter }: { filter: RequestFilter }) {
  const download = useMutation({
    mutationFn: async (format: (typeof FORMATS)[number]["format"]) => {
      const query = { ...filter, format };
      const file = await unwrap(api().GET("/api/usage/export", { params: { query }, parseAs: "blob" }));
      saveFile(file as Blob, `farebox-usage-${new Date().toISOString().slice(0, 10)}.${format}`);
    },
    onError: (error) => notifyProblem(error, t`The export was not made`),
  });
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          loading={download.isPending}
          leftSection={<DownloadIcon size={15} aria-hidden />}
          rightSection={<ChevronDownIcon size={14} aria-hidden />}
        >
          {t`Export`}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t`The requests below, all pages`}</Menu.Label>
        {FORMATS.map(({ format, label }) => (
          <Menu.Item key={format} onClick={() => download.mutate(format)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
