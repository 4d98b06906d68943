import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.formats.TurtleDocumentFormat;
import org.semanticweb.owlapi.model.AddAxiom;
import org.semanticweb.owlapi.model.IRI;
import org.semanticweb.owlapi.model.OWLAnnotationProperty;
import org.semanticweb.owlapi.model.OWLAxiom;
import org.semanticweb.owlapi.model.OWLDataFactory;
import org.semanticweb.owlapi.model.OWLEntity;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.model.OWLOntologyManager;
import org.semanticweb.owlapi.model.parameters.Imports;
import org.semanticweb.owlapi.util.SimpleIRIMapper;
import org.w3c.dom.Element;

/**
 * Makes the edits that a person makes in Protégé, as Protégé makes them, and saves.
 *
 * <p>{@code FILE} and then any of {@code class NAME PARENT}, {@code data-property NAME DOMAIN},
 * {@code object-property NAME DOMAIN}, {@code label NAME TEXT}, {@code definition NAME TEXT}, {@code fact NAME "PROPERTY
 * OBJECT"}; no edit is a mere save.
 * Names are local to the ontology, which is where Protégé mints new terms. An address instead of a file is only opened:
 * its ontology IRI, the number of classes and the IRIs of all imports are printed.
 */
public final class ProtegeEdit {
  private static final String TRAILER = "(version 4.5.29.2024-05-13T12:11:03Z)";

  public static void main(String[] arguments) throws Exception {
    OWLOntologyManager manager = OWLManager.createOWLOntologyManager();
    if (arguments[0].startsWith("http")) {
      open(manager, arguments[0]);
      return;
    }
    File file = new File(arguments[0]);
    mapCatalogue(manager, file.getParentFile());
    OWLOntology ontology = manager.loadOntologyFromOntologyDocument(file);
    String namespace = ontology.getOntologyID().getOntologyIRI().orNull() + "#";
    for (int at = 1; at < arguments.length; at += 3)
      edit(manager, ontology, arguments[at], IRI.create(namespace + arguments[at + 1]), arguments[at + 2], namespace);
    // As Protégé does: the parser that read the file and the writer of the saved form are two formats of the same name.
    TurtleDocumentFormat format = new TurtleDocumentFormat();
    format.copyPrefixesFrom(manager.getOntologyFormat(ontology).asPrefixOWLOntologyFormat());
    manager.saveOntology(ontology, format, IRI.create(file));
    Path path = file.toPath();
    Files.writeString(path, Files.readString(path).replaceFirst("\\(version 4\\.5\\.29[^)]*\\)", TRAILER));
  }

  private static void open(OWLOntologyManager manager, String address) throws Exception {
    OWLOntology ontology = manager.loadOntology(IRI.create(address));
    System.out.println(ontology.getOntologyID().getOntologyIRI().get());
    System.out.println(ontology.getClassesInSignature(Imports.INCLUDED).size());
    ontology.getImports().forEach(found -> System.out.println(found.getOntologyID().getOntologyIRI().get()));
  }

  private static void mapCatalogue(OWLOntologyManager manager, File folder) throws Exception {
    File catalogue = new File(folder, "catalog-v001.xml");
    var nodes = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(catalogue).getElementsByTagName("uri");
    for (int index = 0; index < nodes.getLength(); index++) {
      Element entry = (Element) nodes.item(index);
      IRI document = IRI.create(new File(folder, entry.getAttribute("uri")));
      manager.getIRIMappers().add(new SimpleIRIMapper(IRI.create(entry.getAttribute("name")), document));
    }
  }

  private static void edit(
      OWLOntologyManager manager, OWLOntology ontology, String what, IRI iri, String value, String namespace) {
    OWLDataFactory factory = manager.getOWLDataFactory();
    IRI other = IRI.create(value.contains(":") ? value : namespace + value);
    switch (what) {
      case "class" -> {
        declare(manager, ontology, factory.getOWLClass(iri));
        add(manager, ontology, factory.getOWLSubClassOfAxiom(factory.getOWLClass(iri), factory.getOWLClass(other)));
      }
      case "data-property" -> {
        declare(manager, ontology, factory.getOWLDataProperty(iri));
        add(manager, ontology,
            factory.getOWLDataPropertyDomainAxiom(factory.getOWLDataProperty(iri), factory.getOWLClass(other)));
      }
      case "object-property" -> {
        declare(manager, ontology, factory.getOWLObjectProperty(iri));
        add(manager, ontology,
            factory.getOWLObjectPropertyDomainAxiom(factory.getOWLObjectProperty(iri), factory.getOWLClass(other)));
      }
      case "fact" -> {
        String[] said = value.split(" ");
        add(manager, ontology, factory.getOWLObjectPropertyAssertionAxiom(
            factory.getOWLObjectProperty(IRI.create(said[0])), factory.getOWLNamedIndividual(iri),
            factory.getOWLNamedIndividual(IRI.create(said[1]))));
      }
      case "label" -> annotate(manager, ontology, factory.getRDFSLabel(), iri, value);
      case "definition" -> annotate(manager, ontology,
          factory.getOWLAnnotationProperty(IRI.create("http://www.w3.org/2004/02/skos/core#definition")), iri, value);
      default -> throw new IllegalArgumentException(what);
    }
  }

  private static void annotate(
      OWLOntologyManager manager, OWLOntology ontology, OWLAnnotationProperty property, IRI iri, String text) {
    OWLDataFactory factory = manager.getOWLDataFactory();
    add(manager, ontology, factory.getOWLAnnotationAssertionAxiom(property, iri, factory.getOWLLiteral(text, "en")));
  }

  private static void declare(OWLOntologyManager manager, OWLOntology ontology, OWLEntity entity) {
    add(manager, ontology, manager.getOWLDataFactory().getOWLDeclarationAxiom(entity));
  }

  private static void add(
      OWLOntologyManager manager, OWLOntology ontology, OWLAxiom axiom) {
    manager.applyChange(new AddAxiom(ontology, axiom));
  }
}
