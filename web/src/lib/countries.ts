// Countries to choose from: by ISO 3166-1 alpha-2 (flags) and alpha-3 (a seat's short name); and
// bodies whose members one would not like to enter one by one.

import { language } from "../texts";
import { formatting } from "../texts/format";

export interface Country {
  code: string;
  short: string;
  name: string;
}

const LIST = `
AF AFG Afghanistan|AL ALB Albania|DZ DZA Algeria|AD AND Andorra|AO AGO Angola|AG ATG Antigua and Barbuda
AR ARG Argentina|AM ARM Armenia|AU AUS Australia|AT AUT Austria|AZ AZE Azerbaijan|BS BHS Bahamas|BH BHR Bahrain
BD BGD Bangladesh|BB BRB Barbados|BY BLR Belarus|BE BEL Belgium|BZ BLZ Belize|BJ BEN Benin|BT BTN Bhutan
BO BOL Bolivia|BA BIH Bosnia and Herzegovina|BW BWA Botswana|BR BRA Brazil|BN BRN Brunei Darussalam
BG BGR Bulgaria|BF BFA Burkina Faso|BI BDI Burundi|CV CPV Cabo Verde|KH KHM Cambodia|CM CMR Cameroon
CA CAN Canada|CF CAF Central African Republic|TD TCD Chad|CL CHL Chile|CN CHN China|CO COL Colombia
KM COM Comoros|CG COG Congo|CD COD Democratic Republic of the Congo|CR CRI Costa Rica|CI CIV Côte d’Ivoire
HR HRV Croatia|CU CUB Cuba|CY CYP Cyprus|CZ CZE Czechia|DK DNK Denmark|DJ DJI Djibouti|DM DMA Dominica
DO DOM Dominican Republic|EC ECU Ecuador|EG EGY Egypt|SV SLV El Salvador|GQ GNQ Equatorial Guinea|ER ERI Eritrea
EE EST Estonia|SZ SWZ Eswatini|ET ETH Ethiopia|FJ FJI Fiji|FI FIN Finland|FR FRA France|GA GAB Gabon|GM GMB Gambia
GE GEO Georgia|DE DEU Germany|GH GHA Ghana|GR GRC Greece|GD GRD Grenada|GT GTM Guatemala|GN GIN Guinea
GW GNB Guinea-Bissau|GY GUY Guyana|HT HTI Haiti|HN HND Honduras|HU HUN Hungary|IS ISL Iceland|IN IND India
ID IDN Indonesia|IR IRN Iran|IQ IRQ Iraq|IE IRL Ireland|IL ISR Israel|IT ITA Italy|JM JAM Jamaica|JP JPN Japan
JO JOR Jordan|KZ KAZ Kazakhstan|KE KEN Kenya|KI KIR Kiribati|XK XKX Kosovo|KW KWT Kuwait|KG KGZ Kyrgyzstan
LA LAO Laos|LV LVA Latvia|LB LBN Lebanon|LS LSO Lesotho|LR LBR Liberia|LY LBY Libya|LI LIE Liechtenstein
LT LTU Lithuania|LU LUX Luxembourg|MG MDG Madagascar|MW MWI Malawi|MY MYS Malaysia|MV MDV Maldives|ML MLI Mali
MT MLT Malta|MH MHL Marshall Islands|MR MRT Mauritania|MU MUS Mauritius|MX MEX Mexico|FM FSM Micronesia
MD MDA Moldova|MC MCO Monaco|MN MNG Mongolia|ME MNE Montenegro|MA MAR Morocco|MZ MOZ Mozambique|MM MMR Myanmar
NA NAM Namibia|NR NRU Nauru|NP NPL Nepal|NL NLD Netherlands|NZ NZL New Zealand|NI NIC Nicaragua|NE NER Niger
NG NGA Nigeria|KP PRK North Korea|MK MKD North Macedonia|NO NOR Norway|OM OMN Oman|PK PAK Pakistan|PW PLW Palau
PS PSE Palestine|PA PAN Panama|PG PNG Papua New Guinea|PY PRY Paraguay|PE PER Peru|PH PHL Philippines|PL POL Poland
PT PRT Portugal|QA QAT Qatar|RO ROU Romania|RU RUS Russia|RW RWA Rwanda|KN KNA Saint Kitts and Nevis
LC LCA Saint Lucia|VC VCT Saint Vincent and the Grenadines|WS WSM Samoa|SM SMR San Marino
ST STP São Tomé and Príncipe|SA SAU Saudi Arabia|SN SEN Senegal|RS SRB Serbia|SC SYC Seychelles|SL SLE Sierra Leone
SG SGP Singapore|SK SVK Slovakia|SI SVN Slovenia|SB SLB Solomon Islands|SO SOM Somalia|ZA ZAF South Africa
KR KOR South Korea|SS SSD South Sudan|ES ESP Spain|LK LKA Sri Lanka|SD SDN Sudan|SR SUR Suriname|SE SWE Sweden
CH CHE Switzerland|SY SYR Syria|TW TWN Taiwan|TJ TJK Tajikistan|TZ TZA Tanzania|TH THA Thailand|TL TLS Timor-Leste
TG TGO Togo|TO TON Tonga|TT TTO Trinidad and Tobago|TN TUN Tunisia|TR TUR Türkiye|TM TKM Turkmenistan|TV TUV Tuvalu
UG UGA Uganda|UA UKR Ukraine|AE ARE United Arab Emirates|GB GBR United Kingdom|US USA United States|UY URY Uruguay
UZ UZB Uzbekistan|VU VUT Vanuatu|VA VAT Holy See|VE VEN Venezuela|VN VNM Viet Nam|YE YEM Yemen|ZM ZMB Zambia
ZW ZWE Zimbabwe|EU EU European Union|UN UN United Nations`;

export const COUNTRIES: readonly Country[] = LIST.trim()
  .split(/[|\n]/)
  .map((line) => {
    const [code = "", short = "", ...name] = line.split(" ");
    return { code, short, name: name.join(" ") };
  })
  .sort((a, b) => a.name.localeCompare(b.name, "en"));

const byCode = new Map(COUNTRIES.map((c) => [c.code, c]));

/** With its name in the language of the page. */
export function country(code: string): Country | undefined {
  const found = byCode.get(code);
  return found && { ...found, name: countryName(code) ?? found.name };
}

/** As the language of the page has it; in English as the list above. */
export function countryName(code: string): string | undefined {
  const english = byCode.get(code)?.name;
  if (english === undefined || language() === "en") return english;
  return formatting(language()).regionName(code) ?? english;
}

/** All by their names in the language of the page, in its order. */
export function countries(): Country[] {
  const named = COUNTRIES.map((c) => ({ ...c, name: countryName(c.code) ?? c.name }));
  return named.sort((a, b) => a.name.localeCompare(b.name, language()));
}

/** Is it the name of a country, in the language of the page or in English? */
export function isCountryName(name: string): boolean {
  return COUNTRIES.some((c) => c.name === name || countryName(c.code) === name);
}

export interface Body {
  id: string;
  name: string;
  members: string;
}

/** Members by country code, in the alphabetical order of their English names. */
export const BODIES: readonly Body[] = [
  {
    id: "nato",
    name: "NATO (32)",
    members: "AL BE BG CA HR CZ DK EE FI FR DE GR HU IS IT LV LT LU ME NL MK NO PL PT RO SK SI ES SE TR GB US",
  },
  {
    id: "eu",
    name: "European Union (27)",
    members: "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE",
  },
  { id: "nb8", name: "Nordic-Baltic Eight (8)", members: "DK EE FI IS LV LT NO SE" },
  { id: "g7", name: "G7 (7)", members: "CA FR DE IT JP GB US" },
];

export function membersOf(body: Body): Country[] {
  return body.members.split(" ").flatMap((code) => country(code) ?? []);
}
