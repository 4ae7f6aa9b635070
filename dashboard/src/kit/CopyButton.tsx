import { t } from "@lingui/core/macro";
import { ActionIcon, Button, CopyButton as MantineCopyButton, Tooltip, VisuallyHidden } from "@mantine/core";
import { CheckIcon, CopyIcon } from "lucide-react";

interface Props {
  value: string;
  /** What is copied, as in "Copy key". */
  what: string;
  /** A button with words instead of an icon. */
  wide?: boolean;
}

/** Copies at a click, and says so to everybody. */
export function CopyButton({ value, what, wide = false }: Props) {
  return (
    <MantineCopyButton value={value} timeout={2000}>
      {({ copied, copy }) => {
        const icon = copied ? <CheckIcon size={16} /> : <CopyIcon size={16} />;
        return (
          <>
            {wide ? (
              <Button variant="default" leftSection={icon} onClick={copy}>
                {copied ? t`Copied` : t`Copy ${what}`}
              </Button>
            ) : (
              <Tooltip label={copied ? t`Copied` : t`Copy ${what}`}>
                <ActionIcon variant="subtle" color="gray" aria-label={t`Copy ${what}`} onClick={copy}>
                  {icon}
                </ActionIcon>
              </Tooltip>
            )}
            <VisuallyHidden role="status">{copied ? t`Copied ${what}` : ""}</VisuallyHidden>
          </>
        );
      }}
    </MantineCopyButton>
  );
}
