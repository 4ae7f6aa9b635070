import { t } from "@lingui/core/macro";
import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { CheckIcon, LanguagesIcon } from "lucide-react";
import { chooseLanguage, LANGUAGES, type Language, language } from "@/language/language";

/** The language of the page, for those who have no account to choose it in. */
export function LanguageSwitch() {
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Tooltip label={t`Language`}>
          <ActionIcon
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
        {(Object.keys(LANGUAGES) as Language[]).map((each) => (
          <Menu.Item
            key={each}
            lang={each}
            aria-current={each === language || undefined}
            rightSection={each === language && <CheckIcon size={16} aria-hidden />}
            onClick={() => chooseLanguage(each)}
          >
            {LANGUAGES[each].name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
