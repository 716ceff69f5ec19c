// What the verifications of records and of encryption find, in French, by their sentences as they
// stand in src/record and src/e2ee; %s stands for what is filled in.

export const record: Readonly<Record<string, string>> = {
  "A definition, a manifest or minutes stand before an event that does not name them.":
    "Une définition, un manifeste ou un procès-verbal précède un événement qui ne le désigne pas.",
  "A definition, a manifest or minutes stand before something that is not their event.":
    "Une définition, un manifeste ou un procès-verbal précède ce qui n’est pas son événement.",
  "A person is added under another id than the next one.":
    "Une personne est ajoutée sous un autre identifiant que le suivant.",
  "A record begins with its head.": "Un enregistrement commence par son en-tête.",
  "A result is declared of what is not open.": "Un résultat est proclamé pour ce qui n’est pas en décision.",
  "A second head stands in the record.": "Un deuxième en-tête figure dans l’enregistrement.",
  "A version is called that is not the last.": "La version mise en décision n’est pas la dernière.",
  "A vote is cast where none may be.": "Un vote est émis là où il ne peut y en avoir.",
  "A witness's key that you gave is none.": "Une clé de témoin que vous avez indiquée n’en est pas une.",
  "It is on a decision that was never put.": "Il porte sur une décision jamais déposée.",
  "Nobody has keys in this record, and so it has no organiser.":
    "Personne n’a de clé dans cet enregistrement ; il n’a donc pas d’organisateur.",
  "Not signed: what this is on is not in the record that your browser checked. Try again; if it stays so, ask the host.":
    "Non signé : ce à quoi cela se rapporte ne figure pas dans l’enregistrement que votre navigateur a vérifié. Réessayez ; si cela persiste, adressez-vous à l’hôte.",
  "Of what was signed a part is missing.": "Une partie de ce qui a été signé manque.",
  "Only silence is settled.": "Seul un accord tacite se clôt de lui-même.",
  "Silence is settled before it ended.": "L’accord tacite est clos avant son terme.",
  "Silence is settled with another time than its own.":
    "L’accord tacite est clos à une autre heure que la sienne.",
  "Something stands behind the end.": "Quelque chose suit la fin.",
  "The act is not signed, and the meeting requires it.": "L’acte n’est pas signé, alors que la réunion l’exige.",
  "The change of keys is not signed by the key before it, or brings no key of this server.":
    "Le changement de clé n’est pas signé par la clé précédente, ou n’apporte aucune clé de ce serveur.",
  "The changed manifest builds on an older one than the organiser's newest.":
    "Le manifeste modifié s’appuie sur un autre, antérieur au plus récent de l’organisateur.",
  "The changed manifest holds for longer than the organiser's.":
    "Le manifeste modifié vaut plus longtemps que celui de l’organisateur.",
  "The changed manifest is no later version.": "Le manifeste modifié n’est pas une version ultérieure.",
  "The checkpoint does not stand behind its event.": "Le point de contrôle ne suit pas son événement.",
  "The checkpoint has too many cosignatures.": "Le point de contrôle porte trop de cosignatures.",
  "The checkpoint is none.": "Le point de contrôle n’en est pas un.",
  "The checkpoint is not signed by the server.": "Le point de contrôle n’est pas signé par le serveur.",
  "The checkpoint is of another log.": "Le point de contrôle est celui d’un autre journal.",
  "The cosignatures are not in their order.": "Les cosignatures ne sont pas dans leur ordre.",
  "The end is not signed by the server.": "La fin n’est pas signée par le serveur.",
  "The event is of an act that no record has.": "L’événement est d’un acte qu’aucun enregistrement ne contient.",
  "The event is of another meeting.": "L’événement est d’une autre réunion.",
  "The event's salt is none.": "Le sel de l’événement n’en est pas un.",
  "The file is too large.": "Le fichier est trop grand.",
  "The first event, and no other, makes the meeting.":
    "Le premier événement, et lui seul, crée la réunion.",
  "The hash is not that of the texts.": "L’empreinte n’est pas celle des textes.",
  "The key that you gave is another server's, or another log's.":
    "La clé que vous avez indiquée est celle d’un autre serveur, ou d’un autre journal.",
  "The key that you gave is no verifier key.": "La clé que vous avez indiquée n’est pas une clé de vérification.",
  "The last event is covered by no checkpoint.": "Aucun point de contrôle ne couvre le dernier événement.",
  "The last line has no end: something was cut off.":
    "La dernière ligne n’a pas de fin : quelque chose a été coupé.",
  "The line is no UTF-8.": "La ligne n’est pas de l’UTF-8.",
  "The line is not in the one encoding that a record has.":
    "La ligne n’est pas dans l’unique codage d’un enregistrement.",
  "The line is of no kind that is known.": "La ligne n’est d’aucune sorte connue.",
  "The line is too long.": "La ligne est trop longue.",
  "The log's origin is not that of the meeting.": "L’origine du journal n’est pas celle de la réunion.",
  "The manifest and the meeting differ in their encryption.":
    "Le manifeste et la réunion ne s’accordent pas sur le chiffrement.",
  "The manifest builds on one that builds on another.":
    "Le manifeste s’appuie sur un manifeste qui s’appuie sur un autre.",
  "The manifest builds on one that the organiser did not sign.":
    "Le manifeste s’appuie sur un manifeste que l’organisateur n’a pas signé.",
  "The manifest is another organiser's than the one before.":
    "Le manifeste est d’un autre organisateur que le précédent.",
  "The manifest is no later version than the one before.":
    "Le manifeste n’est pas d’une version ultérieure au précédent.",
  "The manifest is not of the version that the event names.":
    "Le manifeste n’est pas de la version que l’événement désigne.",
  "The manifest is of another format.": "Le manifeste est d’un autre format.",
  "The manifest is of another meeting.": "Le manifeste est celui d’une autre réunion.",
  "The manifest's signature is not by whom it says.":
    "La signature du manifeste n’est pas de qui elle prétend.",
  "The minutes are not those that the event names.": "Le procès-verbal n’est pas celui que l’événement désigne.",
  "The organiser is not the one that you gave.": "L’organisateur n’est pas celui que vous avez indiqué.",
  "The organiser's key is none.": "La clé de l’organisateur n’en est pas une.",
  "The position is on an option that is not there.": "La position porte sur une option absente.",
  "The record has no end: something was cut off.":
    "L’enregistrement n’a pas de fin : quelque chose a été coupé.",
  "The record is not signed by the key that you gave.":
    "L’enregistrement n’est pas signé par la clé que vous avez indiquée.",
  "The record is not the one that was ended.": "L’enregistrement n’est pas celui qui a été clos.",
  "The rule has half a share.": "La règle a une part incomplète.",
  "The server's key is none of this log.": "La clé du serveur n’est pas de ce journal.",
  "The vote is on a text that is not there.": "Le vote porte sur un texte absent.",
  "What stands before the adoption of the minutes is not their text.":
    "Ce qui précède l’adoption du procès-verbal n’est pas son texte.",
  "What was signed has no time.": "Ce qui a été signé n’a pas d’heure.",
  "What was signed is another person's.": "Ce qui a été signé est d’une autre personne.",
  "What was signed is no JSON object.": "Ce qui a été signé n’est pas un objet JSON.",
  "What was signed is of another meeting.": "Ce qui a été signé est d’une autre réunion.",
  "What was signed is on another text.": "Ce qui a été signé porte sur un autre texte.",
  "What was signed stands in an earlier event too.":
    "Ce qui a été signé figure aussi dans un événement antérieur.",
  "Event %s is missing here.": "L’événement %s manque ici.",
  "One of the events %s to %s is not the one that the checkpoint covers.":
    "L’un des événements %s à %s n’est pas celui que couvre le point de contrôle.",
  "The %s is not the one that the event names.": "Ce que l’événement désigne (%s) n’est pas ce qui est là.",
  "The %s that the event names is missing.": "Ce que l’événement désigne (%s) manque.",
  "The changed manifest changes %s.": "Le manifeste modifié change %s.",
  "The changed manifest has another %s.": "Le manifeste modifié diffère (%s).",
  "The changed manifest lets %s in again.": "Le manifeste modifié réadmet %s.",
  "The changed manifest makes %s a chair.": "Le manifeste modifié donne la présidence à %s.",
  "The cosignature by the witness %s does not hold.": "La cosignature du témoin %s n’est pas valable.",
  "The cosignature of %s does not hold.": "La cosignature de %s n’est pas valable.",
  "The key of %s is another's too.": "La clé de %s est aussi celle d’une autre personne.",
  "The key of %s is none.": "La clé de %s n’en est pas une.",
  "The line cannot be read: %s.": "La ligne ne peut pas être lue : %s.",
  "The line cannot be understood: %s.": "La ligne ne peut pas être comprise : %s.",
  "The list of participants has %s in another seat.":
    "La liste des participants attribue un autre siège à %s.",
  "The list of participants has no key of %s.": "La liste des participants n’a pas de clé de %s.",
  "The manifest cannot be read: %s.": "Le manifeste ne peut pas être lu : %s.",
  "The manifest has %s twice.": "Le manifeste contient deux fois %s.",
  "The manifest has the seat %s twice.": "Le manifeste contient deux fois le siège %s.",
  "The manifest's %s is no list.": "Dans le manifeste, %s n’est pas une liste.",
  "The manifest's %s is no object.": "Dans le manifeste, %s n’est pas un objet.",
  "The manifest's %s is no text.": "Dans le manifeste, %s n’est pas un texte.",
  "The manifest's %s is no whole number that it may be.":
    "Dans le manifeste, %s n’est pas un nombre entier admis.",
  "The manifest's %s is of another form.": "Dans le manifeste, %s est d’une autre forme.",
  "The manifest's encryption is none.": "Le chiffrement que dit le manifeste n’existe pas.",
  "The manifest's definition is no SHA-256.":
    "Dans le manifeste, l’empreinte de la définition n’est pas un SHA-256.",
  "The changed manifest has other seats.": "Le manifeste modifié a d’autres sièges.",
  "The meeting's definition is not the one that the organiser signed.":
    "La définition de la réunion n’est pas celle que l’organisateur a signée.",
  "The manifest does not name the meeting's definition, and the one before does.":
    "Le manifeste ne désigne pas la définition de la réunion, alors que le précédent le fait.",
  "A silence was broken by the event before, and its end does not follow.":
    "L’événement précédent rompt un silence, et sa fin ne suit pas.",
  "A voice is handed to somebody of another seat.": "Une voix est confiée à quelqu’un d’un autre siège.",
  "Who comes is nobody of the meeting, or there already.":
    "Qui arrive n’est personne de la réunion, ou est déjà là.",
  "The manifest gives %s a key with the ID of another of theirs.":
    "Le manifeste donne à %s une clé qui porte l’identifiant d’une autre des siennes.",
  "What was signed corrects another event than stands here.":
    "Ce qui a été signé rectifie un autre événement que celui qui figure ici.",
  "A correction is of an event that is not there.": "Une rectification porte sur un événement inexistant.",
  "What was signed is of another call, or of before it was amended.":
    "Ce qui a été signé se rapporte à une autre mise en décision, ou précède une modification.",
  "The paper is of the log %s, and this record is of %s.":
    "Le papier est du journal %s, et cet enregistrement de %s.",
  "The paper is of %s events, and this record has %s: it is an earlier one, or cut off.":
    "Le papier est de %s événements, et cet enregistrement en a %s : il est antérieur, ou tronqué.",
  "The paper is of another history: after %s events this record had another root.":
    "Le papier est d’une autre histoire : après %s événements, cet enregistrement avait une autre racine.",
  'The declared result is "%s"; by its rule and votes it is "%s".':
    "Le résultat proclamé est « %s » ; d’après sa règle et ses votes, il est « %s ».",
  'The field "%s" is not as it must be.': "Le champ « %s » n’est pas tel qu’il doit être.",
  "The record has the format %s, which is not known here.":
    "L’enregistrement a le format %s, inconnu ici.",
  'What was signed says something of "%s", which the act does not have.':
    "Ce qui a été signé parle de « %s », que l’acte n’a pas.",
  'What was signed says something else of "%s".': "Ce qui a été signé dit autre chose de « %s ».",
  "The organiser gave %s no right to change the list.":
    "L’organisateur n’a pas donné à %s le droit de modifier la liste.",
  "The record says that it has %s lines before its end, and has %s.":
    "L’enregistrement annonce %s lignes avant sa fin, et en a %s.",
  "The seat %s was added, and is not on the list that the organiser signed.":
    "Le siège %s a été ajouté, et ne figure pas sur la liste signée par l’organisateur.",
  "The list that the organiser signed says something else of the seat %s than it was added with: its %s.":
    "La liste signée par l’organisateur dit autre chose du siège %s que lorsqu’il a été ajouté (%s).",
  "A seat is added that is there already.": "Un siège est ajouté qui existe déjà.",
  "The manifest's seat's weight is too much.": "Le poids d’un siège dans le manifeste est trop élevé.",
  "The manifest says a seat's weight without whether it is a guest's, or that alone.":
    "Le manifeste dit le poids d’un siège sans dire s’il est celui d’un invité, ou l’inverse.",
  "The seat of %s is not in the manifest.": "Le siège de %s n’est pas dans le manifeste.",
  "The signature is not by %s.": "La signature n’est pas de %s.",
  "The witness that you gave, %s, cosigned no checkpoint of this record.":
    "Le témoin que vous avez indiqué, %s, n’a cosigné aucun point de contrôle de cet enregistrement.",
};

export const encryption: Readonly<Record<string, string>> = {
  "The list of participants says something else of %s than the one before.":
    "La liste des participants dit autre chose de %s que la précédente.",
  "The list of participants does not say any more that %s was revoked.":
    "La liste des participants ne dit plus que %s a été révoqué.",
  "The list of participants does not say any more what the meeting is.":
    "La liste des participants ne dit plus ce qu’est la réunion.",
  "The server gave a list of participants for a meeting with encryption.":
    "Le serveur a donné une liste de participants pour une réunion chiffrée.",
  "The server made a link that is none of this meeting.":
    "Le serveur a fait un lien qui n’est pas de cette réunion.",
  "The meeting was locked, and is not any more: you came in anew, maybe into another one. Compare the room code.":
    "La réunion était verrouillée et ne l’est plus : vous êtes entré de nouveau, peut-être dans une autre. Comparez le code de la salle.",
  "A change of the encryption comes from nobody in the meeting.":
    "Un changement du chiffrement ne vient de personne de la réunion.",
  "A change of the encryption comes from somebody whose invitation was revoked.":
    "Un changement du chiffrement vient d’une personne dont l’invitation a été révoquée.",
  "A change of the encryption is of a kind that is not used here.":
    "Un changement du chiffrement est d’une sorte non utilisée ici.",
  "A change of the encryption would make it that of another meeting.":
    "Un changement du chiffrement en ferait celui d’une autre réunion.",
  "A device belongs to another meeting.": "Un appareil relève d’une autre réunion.",
  "A device tried to become another one.": "Un appareil a tenté de se faire passer pour un autre.",
  "A device was to be added by a key that was used before.":
    "Un appareil devait être ajouté par une clé déjà utilisée.",
  "A device was to be added twice.": "Un appareil devait être ajouté deux fois.",
  "A device's credential cannot be read.": "L’attestation d’un appareil ne peut pas être lue.",
  "A message cannot be opened: it came too late, or is forged.":
    "Un message ne peut pas être ouvert : il est arrivé trop tard, ou il est falsifié.",
  "A message cannot be read.": "Un message ne peut pas être lu.",
  "A message is of nobody on the list of participants.":
    "Un message ne vient de personne de la liste des participants.",
  "Only the chair may let somebody in.": "Seule la présidence peut faire entrer quelqu’un.",
  "Only the chair may lock the meeting.": "Seule la présidence peut verrouiller la réunion.",
  "Picture or sound came under a key that nobody in the meeting should have.":
    "Une image ou un son est venu sous une clé que personne de la réunion ne devrait avoir.",
  "Somebody in the meeting, or your welcome to it, does not hold.":
    "Une personne de la réunion, ou votre admission, n’est pas valable.",
  "Somebody tried to come in at another's place.": "Quelqu’un a tenté d’entrer à la place d’un autre.",
  "Somebody tried to come in without being let in.": "Quelqu’un a tenté d’entrer sans y être admis.",
  "Somebody was to be added while the meeting is locked.":
    "Quelqu’un devait être ajouté alors que la réunion est verrouillée.",
  "Somebody was to be let into a delegation's talk, or a note to it, that is not theirs.":
    "Quelqu’un devait être admis à l’échange d’une délégation, ou à une note, qui n’est pas la sienne.",
  "Somebody who is not on the list of participants was to be added.":
    "Quelqu’un qui n’est pas sur la liste des participants devait être ajouté.",
  "Somebody who is not the chair tried to lock or unlock the meeting.":
    "Quelqu’un qui n’est pas la présidence a tenté de verrouiller ou de déverrouiller la réunion.",
  "The encryption is that of another meeting.": "Le chiffrement est celui d’une autre réunion.",
  "The list of participants builds on an older one of the organiser's than before.":
    "La liste des participants s’appuie sur une liste de l’organisateur plus ancienne qu’auparavant.",
  "The list of participants does not bear its signature.": "La liste des participants ne porte pas sa signature.",
  "The list of participants is no longer valid.": "La liste des participants n’est plus valable.",
  "The list of participants is of another meeting.": "La liste des participants est celle d’une autre réunion.",
  "The list of participants is older than the organiser's.":
    "La liste des participants est plus ancienne que celle de l’organisateur.",
  "The list of participants is signed by another organiser than the one of your invitation.":
    "La liste des participants est signée par un autre organisateur que celui de votre invitation.",
  "The message is too long.": "Le message est trop long.",
  "The server gave a list of participants for a meeting without encryption.":
    "Le serveur a fourni une liste de participants pour une réunion sans chiffrement.",
  "The server gave an older list of participants than before.":
    "Le serveur a fourni une liste de participants plus ancienne qu’auparavant.",
  "The server handed over a state of the encryption that does not hold.":
    "Le serveur a remis un état du chiffrement qui n’est pas valable.",
  "The server handed over a welcome that is not for now.":
    "Le serveur a remis une admission qui ne vaut pas maintenant.",
  "The server handed over an older state of the encryption.":
    "Le serveur a remis un état plus ancien du chiffrement.",
  "The server named a group that is not of this meeting.":
    "Le serveur a désigné un groupe qui n’est pas de cette réunion.",
  "The server passed on a change of the encryption that does not hold.":
    "Le serveur a transmis un changement du chiffrement qui n’est pas valable.",
  "The server told of a group that is not yours.": "Le serveur a parlé d’un groupe qui n’est pas le vôtre.",
  "There are too many devices in the meeting.": "Il y a trop d’appareils dans la réunion.",
  "There are two lists of participants of one version.":
    "Il y a deux listes de participants d’une même version.",
  "This device cannot follow the encryption any more. Come in again.":
    "Cet appareil ne peut plus suivre le chiffrement. Entrez de nouveau.",
  "You are not in the encrypted meeting yet.": "Vous n’êtes pas encore dans la réunion chiffrée.",
  "A device claims to be %s, and is not.": "Un appareil prétend être celui de %s, et ne l’est pas.",
  "A device of %s claims to last too long.": "Un appareil de %s prétend valoir trop longtemps.",
  "A message of %s cannot be read.": "Un message de %s ne peut pas être lu.",
  "Somebody (%s) is not on the list of participants.":
    "Quelqu’un (%s) n’est pas sur la liste des participants.",
  "The credential of a device of %s has expired.": "L’attestation d’un appareil de %s a expiré.",
  "The invitation of %s was revoked.": "L’invitation de %s a été révoquée.",
  "The list of participants cannot be read: %s is wrong.":
    "La liste des participants ne peut pas être lue : %s est erroné.",
  "The passphrase needs at least %s letters.": "La phrase secrète doit compter au moins %s caractères.",
  "The server gave a message of %s for another's.": "Le serveur a donné un message de %s pour celui d’un autre.",
  "Who signed the list of participants may not %s.": "Le signataire de la liste des participants n’a pas ce droit (%s).",
};
