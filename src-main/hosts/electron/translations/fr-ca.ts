import { grammarOf } from './formatters.ts';
import type { Words } from './messages.ts';

const { count, list, plural } = grammarOf('fr-CA');

export const french: Words = {
  menu: {
    file: 'Fichier',
    edit: 'Édition',
    view: 'Affichage',
    go: 'Aller',
    window: 'Fenêtre',
    help: 'Aide',
    about: 'À propos de Session Desk',
    services: 'Services',
    hide: 'Masquer Session Desk',
    hideOthers: 'Masquer les autres',
    unhide: 'Tout afficher',
    quitProgram: 'Quitter Session Desk',
    quit: 'Quitter',
    exit: 'Quitter',
    close: 'Fermer la fenêtre',
    undo: 'Défaire',
    redo: 'Refaire',
    cut: 'Couper',
    copy: 'Copier',
    paste: 'Coller',
    selectAll: 'Tout sélectionner',
    reload: 'Recharger',
    toggleDevTools: 'Outils de développement',
    resetZoom: 'Taille réelle',
    zoomIn: 'Zoom avant',
    zoomOut: 'Zoom arrière',
    togglefullscreen: 'Plein écran',
    minimize: 'Réduire',
    zoom: 'Réduire/agrandir',
    front: 'Tout ramener au premier plan',
    openPalette: 'Palette de commandes',
    searchSessions: 'Chercher des séances',
    addSession: 'Ajouter une séance…',
    importSessions: 'Importer des séances…',
    takeEvent: 'Appliquer un événement webhook…',
    addConnection: 'Connecter un fournisseur…',
    verifyAudit: 'Vérifier le journal d’audit',
    exportAudit: 'Exporter le journal d’audit…',
    goSessions: 'Séances',
    goBatches: 'Lots',
    goAudit: 'Audit',
    goConnections: 'Connexions',
    goSettings: 'Paramètres',
    showKeys: 'Clavier',
  },
  notice: {
    stuck: (batch) => `Le lot ${count(batch)} a besoin de vous`,
    finished: (batch) => `Le lot ${count(batch)} est terminé`,
    stopped: (batch) => `Le lot ${count(batch)} est arrêté`,
    paused: (connection) => `${connection} est suspendue.`,
    helps: {
      replace_secret: 'Son secret n’est pas accepté : remplacez-le.',
      unlock_keychain: 'Le trousseau est verrouillé : déverrouillez-le.',
      unlock_connection: 'La connexion est verrouillée : déverrouillez-la.',
      check_network: 'Le fournisseur ne peut pas être joint : vérifiez le réseau.',
      ask_provider: 'Le fournisseur refuse : demandez-lui ce qui ne va pas.',
      free_disk: 'Le disque est plein : libérez de l’espace.',
      look_at_outcomes: 'Trop de séances ont échoué : examinez leurs résultats.',
    },
    cancelled: (cancelled, asked) =>
      `${count(cancelled)} ${plural(cancelled, 'séance annulée', 'séances annulées')} sur ${count(asked)}.`,
    unknown: (sessions) =>
      `Le résultat de ${count(sessions)} ${plural(sessions, 'séance', 'séances')} n’est pas connu.`,
  },
  quit: {
    message: (batches) =>
      `${plural(batches.length, 'Le lot', 'Les lots')} ${list(batches)} ${plural(batches.length, 'est', 'sont')} en cours. Quitter quand même ?`,
    detail: (left, batches) =>
      'Ce qui est en cours est consigné, et rien d’autre n’est envoyé : ' +
      `${count(left)} ${plural(left, 'séance n’a', 'séances n’ont')} pas encore fait l’objet d’une demande. ` +
      `Au prochain démarrage, ${plural(batches, 'le lot est affiché comme interrompu', 'les lots sont affichés comme interrompus')}, ` +
      'et rien ne reprend avant votre accord.',
    keep: 'Laisser continuer',
    quit: 'Quitter',
  },
  reloaded: {
    message: 'La fenêtre a cessé de fonctionner et se recharge.',
    detail: 'Rien de ce qui a été envoyé n’est perdu : les annulations se font et sont consignées hors de la fenêtre.',
    act: 'Continuer',
  },
  unforeseen: {
    title: 'Session Desk doit se fermer',
    body:
      'La console a subi une défaillance qui l’empêche de continuer. Ce qui a déjà été envoyé est consigné ; relancez-la, et elle relit ' +
      'auprès du fournisseur tout ce qui est resté en suspens. Le fichier desk.log, dans son dossier de données, dit où cela s’est produit.',
  },
};
