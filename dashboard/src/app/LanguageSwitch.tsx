import { t } from "@lingui/core/macro";
import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { LanguagesIcon } from "lucide-react";
import { LANGUAGES, language } from "@/language/language";
import { LanguageItems } from "./LanguageItems";
import { useFocusOnceChosen } from "./useFocusOnceChosen";

/** The language of the page, for those who have no account to choose it in. */
export function LanguageSwitch() {
  const button = useFocusOnceChosen();
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Tooltip label={t`Language`}>
          <ActionIcon
            ref={button}
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t`Language: ${{ name: LANGUAGES[language].name }}`}
          >
            <LanguagesIcon size={19} strokeWidth={1.7} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <LanguageItems />
      </Menu.Dropdown>
    </Menu>
  );
}
