/** The checks of iommufd, by area. Source: spec/iommufd.md section 11 and the handlers of Linux 6.12. */
import { iommufdApiRules } from "./iommufd-api.ts";
import { iommufdDeviceRules } from "./iommufd-device.ts";
import { iommufdLaterRules } from "./iommufd-later.ts";
import { iommufdMapRules } from "./iommufd-map.ts";
import { iommufdTestRules } from "./iommufd-test.ts";

export const iommufdRules = { ...iommufdApiRules, ...iommufdMapRules, ...iommufdDeviceRules, ...iommufdTestRules, ...iommufdLaterRules };
