// What the server says of a field of a meeting's definition, in French, by the words as they stand in the
// server's source. The page shows them beside the field, as a sentence.
export const fields: Readonly<Record<string, string>> = {
  "must be an object": "Il faut ici un objet.",
  "must be an array": "Il faut ici une liste.",
  "must be a string": "Il faut ici un texte.",
  "must be an integer": "Il faut ici un nombre entier.",
  "must be true or false": "Il faut ici vrai ou faux.",
  "must be one of %s": "Il faut ici l’une des valeurs suivantes : %s.",
  "must be from %lld to %lld": "Il faut ici un nombre de %lld à %lld.",
  "must be one line": "Il faut ici une seule ligne.",
  "must not be empty": "Il faut ici une valeur.",
  "must be 1 to %d letters, digits, dots, dashes and underscores":
    "Il faut ici 1 à %d lettres, chiffres, points, tirets ou tirets bas.",
  "must have no characters that turn the direction of writing":
    "Ce texte contient un caractère qui inverse le sens de l’écriture.",
  "must be a time zone, as in Europe/Brussels": "Il faut ici un fuseau horaire, comme Europe/Brussels.",
  'must be a language tag, as in "EN"': "Il faut ici le code d’une langue, comme EN.",
  "must be a language tag, as in EN": "Il faut ici le code d’une langue, comme EN.",
  "must be two capital letters (ISO 3166-1)": "Il faut ici deux lettres majuscules (ISO 3166-1).",
  missing: "Ce champ manque.",
  "missing: a %s sits behind a seat": "Ce champ manque : qui a le rôle « %s » occupe un siège.",
  "unknown field": "Ce champ est inconnu.",
  "holds a control character": "Ce texte contient un caractère de commande.",
  "longer than %zu bytes": "Ce texte dépasse %zu octets.",
  "more than %d bytes": "Ceci dépasse %d octets.",
  "more than %zu elements": "Cette liste a plus de %zu éléments.",
  '"%.*s" is there already': "« %.*s » s’y trouve déjà.",
  '"%s" is there already': "« %s » s’y trouve déjà.",
  'no such item "%s" was prepared': "Aucun point « %s » n’a été préparé.",
  'no such party "%s" was prepared': "Aucune partie « %s » n’a été préparée.",
  'no such seat "%.*s"': "Il n’y a pas de siège « %.*s ».",
  "only briefers and invited parties come for an item":
    "Seuls les intervenants et les parties invitées viennent pour un point.",
  "only who is invited speaks for an outside party": "Seules les personnes invitées parlent pour une partie extérieure.",
  "only interpreters and captioners have one": "Seuls les interprètes et les sous-titreurs en ont une.",
  "is none of the meeting's languages": "Ce n’est pas une langue de la réunion.",
  "a %s's invitation is one person's": "L’invitation de qui a le rôle « %s » est personnelle.",
  "more than the %zu seats that are members": "C’est plus que les %zu sièges qui sont membres.",
  "nobody could admit: there is no chair or secretary":
    "Personne ne pourrait admettre : il n’y a ni présidence ni secrétariat.",
  "nobody of this meeting has this id": "Personne de cette réunion n’a cet identifiant.",
};
